// The likelihood of a mixture of Gaussians, with the prior of γ = 1, m = 0, and its
// adjoint.
//
// For a point p: parts cₖ = αₖ + Σ log diagonalₖ − ½ |Rₖ (p − μₖ)|², value log Σ exp cₖ. With
// sₖ = exp cₖ / Σ, v = p − μₖ, u = Rₖ v: c̄ₖ = sₖ, R̄ₖ = −sₖ u vᵀ, μ̄ₖ = sₖ Rₖᵀ u.
#include <algorithm>
#include <cmath>
#include <vector>

using Vector = std::vector<double>;

static double log_sum_exp(const Vector &c, double *parts) {
    const double top = *std::max_element(c.begin(), c.end());
    double sum = 0.0;
    for (size_t i = 0; i < c.size(); i++) sum += parts[i] = std::exp(c[i] - top);
    for (size_t i = 0; i < c.size(); i++) parts[i] /= sum;
    return top + std::log(sum);
}

extern "C" double gradient(const double *x, double *x_bar, const double *const *data,
                           const long *sizes) {
    const long d = sizes[0], k = sizes[1], n = sizes[2], size = d * (d + 1) / 2;
    const double *points = data[0], *means = x + k, *triangles = means + k * d;
    double *means_bar = x_bar + k, *triangles_bar = means_bar + k * d;
    std::fill(x_bar, x_bar + k + k * d + k * size, 0.0);

    Vector diagonal(k * d), weight(k), diagonal_bar(k * d, 0.0);
    double value = data[1][0];
    for (long j = 0; j < k; j++) {
        const double *r = triangles + j * size;
        weight[j] = x[j];
        for (long i = 0; i < d; i++) {
            weight[j] += r[i];
            diagonal[j * d + i] = std::exp(r[i]);
            value += 0.5 * diagonal[j * d + i] * diagonal[j * d + i];
        }
        for (long i = d; i < size; i++) value += 0.5 * r[i] * r[i];
    }

    Vector away(k * d), white(k * d), c(k), share(k), pulled(d);
    for (long point = 0; point < n; point++) {
        const double *p = points + point * d;
        for (long j = 0; j < k; j++) {
            const double *lower = triangles + j * size + d, *q = &diagonal[j * d];
            double *v = &away[j * d], *u = &white[j * d], square = 0.0;
            for (long i = 0; i < d; i++) v[i] = p[i] - means[j * d + i];
            for (long i = 0; i < d; i++) u[i] = q[i] * v[i];
            for (long i = 0; i < d; lower += d - ++i)
                for (long row = i + 1; row < d; row++)
                    u[row] += lower[row - i - 1] * v[i];
            for (long i = 0; i < d; i++) square += u[i] * u[i];
            c[j] = weight[j] - 0.5 * square;
        }
        value += log_sum_exp(c, share.data());
        for (long j = 0; j < k; j++) {
            const double s = share[j], *v = &away[j * d], *u = &white[j * d];
            const double *lower = triangles + j * size + d, *q = &diagonal[j * d];
            double *lower_bar = triangles_bar + j * size + d;
            x_bar[j] += s;
            for (long i = 0; i < d; i++) pulled[i] = q[i] * u[i];
            for (long i = 0; i < d; i++) diagonal_bar[j * d + i] -= s * u[i] * v[i];
            for (long i = 0; i < d; i++) {
                const double scaled = s * v[i];
                double sum = 0.0;
                for (long row = i + 1; row < d; row++) {
                    lower_bar[row - i - 1] -= scaled * u[row];
                    sum += lower[row - i - 1] * u[row];
                }
                pulled[i] += sum;
                lower += d - i - 1;
                lower_bar += d - i - 1;
            }
            for (long i = 0; i < d; i++) means_bar[j * d + i] += s * pulled[i];
        }
    }

    for (long j = 0; j < k; j++) {
        const double *r = triangles + j * size;
        double *r_bar = triangles_bar + j * size;
        for (long i = 0; i < d; i++) {
            const double q = diagonal[j * d + i];
            r_bar[i] = x_bar[j] + (diagonal_bar[j * d + i] + q) * q;
        }
        for (long i = d; i < size; i++) r_bar[i] += r[i];
    }
    const Vector alphas(x, x + k);
    value -= n * log_sum_exp(alphas, share.data());
    for (long j = 0; j < k; j++) x_bar[j] -= n * share[j];
    return value;
}
