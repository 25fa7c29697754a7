// Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²: each entry of the gradient is gathered, not scattered.
extern "C" double gradient(const double *x, double *x_bar, const double *const *,
                           const long *sizes) {
    const long n = sizes[0];
    double value = 0.0, last = 0.0;
    for (long i = 0; i + 1 < n; i++) {
        const double miss = x[i + 1] - x[i] * x[i], rest = 1.0 - x[i];
        value += 100.0 * miss * miss + rest * rest;
        x_bar[i] = last - 400.0 * x[i] * miss - 2.0 * rest;
        last = 200.0 * miss;
    }
    x_bar[n - 1] = last;
    return value;
}
