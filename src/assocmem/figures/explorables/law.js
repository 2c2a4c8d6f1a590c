// The exact law of the error (assocmem.exact), by seeded draws whose cost depends on neither d nor N.
import { normals, powerSum } from "./shared.js";

/** Distribution function of the standard normal law, to seven digits (also of small values). */
export function phi(x) {
  const z = Math.abs(x) * Math.SQRT1_2, t = 1 / (1 + 0.5 * z);
  const tail = 0.5 * t * Math.exp(-z * z - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418
    + t * (-0.18628806 + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))));
  return x > 0 ? 1 - tail : tail;
}

const FEW = 20; // up to so many degrees of freedom, χ² is a sum of squares

/** Tokens 1, …, N with p(x) ∝ x^(-α) and outputs x mod M. */
export class Task {
  constructor(alpha, tokens, outputs) {
    Object.assign(this, { alpha, tokens, outputs });
    this.norm = 1 / powerSum(1, alpha, tokens);
  }

  /** Σ x^(-s) over the tokens x ≤ last of output y. */
  sum(y, s, last) {
    const first = y || this.outputs;
    const n = last === Infinity ? Infinity : Math.floor((last - first) / this.outputs) + 1;
    return n > 0 ? this.outputs ** -s * powerSum(first / this.outputs, s, n) : 0;
  }

  /** p(x ≤ last, output y). */
  mass(y, last) { return this.norm * this.sum(y, this.alpha, Math.min(last, this.tokens)); }

  /** p(low ≤ x ≤ high). */
  between(low, high) {
    const top = Math.min(high, this.tokens);
    return top < low ? 0 : this.norm * powerSum(low, this.alpha, top - low + 1);
  }

  /** Blocks [low, high] that make up first, …, last: single ones at first, then wider. */
  blocks(first, last, ratio = 1.2) {
    const found = [];
    for (let low = first; low <= last; ) {
      const wide = Math.floor(low * (ratio - 1));
      const high = wide < this.outputs ? low : Math.min(last, low + wide - (wide % this.outputs) - 1);
      found.push([low, high]);
      low = high + 1;
    }
    return found;
  }
}

/** Random numbers for M outputs: the same for every d, so that curves are smooth. */
export class Law {
  constructor(outputs, draws = 512, seed = 1) {
    const M = outputs, normal = normals(seed * 7919 + outputs);
    Object.assign(this, { M, draws });
    const some = size => Float64Array.from({ length: size }, normal);
    this.own = some(draws * M);
    this.lower = some((draws * M * (M - 1)) / 2);
    this.squares = new Float64Array(draws * (M + 1) * (FEW + 1));
    for (let k = 0; k < draws * (M + 1); k++) {
      for (let n = 0; n < FEW; n++) {
        this.squares[k * (FEW + 1) + n + 1] = this.squares[k * (FEW + 1) + n] + normal() ** 2;
      }
    }
    this.spaces = new Map();
  }

  /** The root of number k of χ² with n degrees of freedom: beyond 20 the same quantile (Wilson and Hilferty). */
  chi(k, n) {
    const few = this.squares[k * (FEW + 1) + Math.min(n, FEW)];
    if (n <= FEW) return Math.sqrt(few);
    const z = (Math.cbrt(few / FEW) - 1 + 2 / (9 * FEW)) / Math.sqrt(2 / (9 * FEW));
    return Math.sqrt(n * (1 - 2 / (9 * n) + z * Math.sqrt(2 / (9 * n))) ** 3);
  }

  /** Gram matrices of M random unit vectors and norms of a token in dimension d, for so many draws. */
  space(dim, draws) {
    const { M } = this, known = this.spaces.get(dim);
    if (known && known.draws >= draws) return known;
    if (this.spaces.size > 200) this.spaces.clear();
    const gram = new Float64Array(draws * M * M), radius = new Float64Array(draws);
    const rows = Array.from({ length: M }, () => new Float64Array(M));
    for (let k = 0, used = 0; k < draws; k++) {
      for (let i = 0; i < M; i++) {
        const row = rows[i].fill(0);
        let square = 0;
        for (let j = 0; j < i; j++, used++) if (j < dim) row[j] = this.lower[used];
        if (i < dim) row[i] = this.chi(k * (M + 1) + i, dim - i);
        for (let j = 0; j <= i; j++) square += row[j] * row[j];
        const size = Math.sqrt(square);
        for (let j = 0; j <= i; j++) row[j] /= size;
        for (let z = 0; z <= i; z++) {
          let product = 0;
          for (let j = 0; j <= z; j++) product += row[j] * rows[z][j];
          gram[(k * M + i) * M + z] = gram[(k * M + z) * M + i] = product;
        }
      }
      radius[k] = this.chi(k * (M + 1) + M, dim);
    }
    const space = { gram, radius, draws };
    this.spaces.set(dim, space);
    return space;
  }

  /** What a token of output y must exceed, δ_y, in each draw; roots of Q_w are given. */
  demands(dim, norms, draws) {
    const { M, own } = this, { gram } = this.space(dim, draws), found = new Float64Array(draws * M), h = new Float64Array(M);
    for (let k = 0; k < draws; k++) {
      for (let z = 0; z < M; z++) {
        let sum = 0;
        for (let w = 0; w < M; w++) sum += gram[(k * M + z) * M + w] * norms[w] * own[k * M + w];
        h[z] = sum;
      }
      for (let y = 0; y < M; y++) {
        let lead = -Infinity;
        for (let z = 0; z < M; z++) {
          const gap = 1 - gram[(k * M + z) * M + y];
          if (z !== y && gap > 1e-12) lead = Math.max(lead, (h[z] - h[y]) / gap);
        }
        found[k * M + y] = lead / Math.max(norms[y], 1e-300) + own[k * M + y];
      }
    }
    return found;
  }

  /**
   * Expected error where the P most frequent tokens are stored with weights p^ρ: what is lost though stored, what is
   * not stored and guessed wrong, and, where blocks are given, both in each of them.
   */
  errors(task, dim, stored, rho, { blocks = null, draws = this.draws } = {}) {
    if (rho > 0) draws = Math.min(draws, 512);
    const { M } = this, { radius } = this.space(dim, draws), last = Math.min(stored, task.tokens);
    const squares = Array.from({ length: M }, (_, y) => task.sum(y, 2 * rho * task.alpha, last));
    const norms = squares.map(Math.sqrt), demand = this.demands(dim, norms, draws);
    const chance = (y, weight) => {
      const sine = Math.min(1, weight / norms[y]), cosine = Math.sqrt(1 - sine * sine);
      let sum = 0;
      for (let k = 0; k < draws; k++) {
        const above = demand[k * M + y] - radius[k] * sine;
        sum += cosine > 1e-9 ? phi(above / cosine) : Number(above > 0);
      }
      return sum / draws;
    };
    const guess = norms.map((_, y) => {
      let sum = 0;
      for (let k = 0; k < draws; k++) sum += phi(demand[k * M + y]);
      return sum / draws;
    });
    let late = 0, crowded = 0;
    for (let y = 0; y < M; y++) late += guess[y] * Math.max(0, task.mass(y, Infinity) - task.mass(y, last));
    const equal = rho === 0 ? norms.map((norm, y) => (norm > 0 ? chance(y, 1) : 0)) : null;
    if (equal && !blocks) {
      for (let y = 0; y < M; y++) crowded += equal[y] * task.mass(y, last);
      return { crowded, late, total: crowded + late };
    }
    const shown = [];
    for (const [low, high] of blocks ?? task.blocks(1, last)) {
      const cut = Math.min(high, last), mass = task.between(low, high);
      let wrong = 0;
      for (let y = 0; y < M; y++) {
        const inside = low === high ? (low % M === y && low <= last ? mass : 0)
          : cut < low ? 0 : task.mass(y, cut) - task.mass(y, low - 1);
        if (inside <= 0) continue;
        // one weight for the block: that of its middle, by mass
        const middle = low === high ? low : Math.sqrt((low - 0.5) * (cut + 0.5));
        wrong += inside * (equal ? equal[y] : chance(y, middle ** (-rho * task.alpha)));
      }
      crowded += wrong;
      let missed = 0;
      if (high > last) {
        for (let y = 0; y < M; y++) {
          const outside = low === high ? (low % M === y ? mass : 0)
            : task.mass(y, high) - task.mass(y, Math.max(last, low - 1));
          missed += guess[y] * Math.max(0, outside);
        }
      }
      shown.push({ low, high, mass, wrong, missed });
    }
    return { crowded, late, total: crowded + late, blocks: shown };
  }
}
