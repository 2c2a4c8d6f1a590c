"""The build: small scripts that the Makefile calls, one step each."""
