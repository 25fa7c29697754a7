// Runge and Kutta's method for y₀' = x₀, yᵢ' = xᵢ yᵢ₋₁, and its adjoint sweep: the stages
// of a step are made again from the y before it, of which all are kept.
#include <algorithm>
#include <vector>

using Vector = std::vector<double>;

static void slope(long n, const double *x, const double *y, double *k) {
    k[0] = x[0];
    for (long i = 1; i < n; i++) k[i] = x[i] * y[i - 1];
}

// y_bar += the part of the adjoint that comes by k = slope(x, y).
static void pull(long n, const double *x, const double *y, const double *k_bar,
                 double *x_bar, double *y_bar) {
    x_bar[0] += k_bar[0];
    for (long i = 1; i < n; i++) x_bar[i] += k_bar[i] * y[i - 1];
    for (long i = 1; i < n; i++) y_bar[i - 1] = k_bar[i] * x[i];
    y_bar[n - 1] = 0.0;
}

static void along(long n, const double *y, double h, const double *k, double *to) {
    for (long i = 0; i < n; i++) to[i] = y[i] + h * k[i];
}

extern "C" double gradient(const double *x, double *x_bar, const double *const *,
                           const long *sizes) {
    const long n = sizes[0], steps = sizes[1];
    const double h = 1.0 / steps;
    Vector kept((steps + 1) * n, 0.0), a(n), b(n), c(n), k(n), sum(n);
    for (long s = 0; s < steps; s++) {
        const double *y = &kept[s * n];
        slope(n, x, y, k.data());
        std::copy(k.begin(), k.end(), sum.begin());
        // The slopes count 1, 2, 2, 1.
        for (const double part : {0.5, 0.5, 1.0}) {
            along(n, y, part * h, k.data(), a.data());
            slope(n, x, a.data(), k.data());
            along(n, sum.data(), part == 1.0 ? 1.0 : 2.0, k.data(), sum.data());
        }
        along(n, y, h / 6.0, sum.data(), &kept[(s + 1) * n]);
    }
    double value = 0.0;
    for (long i = 0; i < n; i++) value += kept[steps * n + i];

    Vector y_bar(n, 1.0), k_bar(n), back(n), total(n);
    std::fill(x_bar, x_bar + n, 0.0);
    for (long s = steps - 1; s >= 0; s--) {
        const double *y = &kept[s * n];
        slope(n, x, y, k.data());
        along(n, y, h / 2, k.data(), a.data());
        slope(n, x, a.data(), k.data());
        along(n, y, h / 2, k.data(), b.data());
        slope(n, x, b.data(), k.data());
        along(n, y, h, k.data(), c.data());

        total = y_bar;
        for (long i = 0; i < n; i++) k_bar[i] = h / 6 * y_bar[i];
        pull(n, x, c.data(), k_bar.data(), x_bar, back.data());
        for (long i = 0; i < n; i++) {
            total[i] += back[i];
            k_bar[i] = h / 3 * y_bar[i] + h * back[i];
        }
        pull(n, x, b.data(), k_bar.data(), x_bar, back.data());
        for (long i = 0; i < n; i++) {
            total[i] += back[i];
            k_bar[i] = h / 3 * y_bar[i] + h / 2 * back[i];
        }
        pull(n, x, a.data(), k_bar.data(), x_bar, back.data());
        for (long i = 0; i < n; i++) {
            total[i] += back[i];
            k_bar[i] = h / 6 * y_bar[i] + h / 2 * back[i];
        }
        pull(n, x, y, k_bar.data(), x_bar, back.data());
        for (long i = 0; i < n; i++) y_bar[i] = total[i] + back[i];
    }
    return value;
}
