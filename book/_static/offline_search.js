// A page opened from a file may not fetch other pages, and the search would stop at the first result whose
// summary it cannot fetch. There, it lists titles alone.
if (window.location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
