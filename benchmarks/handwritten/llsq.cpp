// ½ Σᵢ (sgn tᵢ − Σⱼ xⱼ tᵢʲ)². Eight observations at a time, so that the powers of one do
// not wait for each other; they are made twice rather than kept.
#include <algorithm>

const long W = 8;

extern "C" double gradient(const double *x, double *x_bar, const double *const *,
                           const long *sizes) {
    const long n = sizes[0], m = sizes[1];
    double value = 0.0;
    std::fill(x_bar, x_bar + m, 0.0);
    for (long start = 0; start < n; start += W) {
        double t[W], power[W], residual[W];
        for (long w = 0; w < W; w++) {
            const long i = start + w;
            t[w] = -1.0 + 2.0 * i / (n - 1);
            power[w] = i < n;  // past the end, nothing counts
            residual[w] = i < n ? (t[w] > 0) - (t[w] < 0) : 0;
        }
        for (long j = 0; j < m; j++)
            for (long w = 0; w < W; w++) {
                residual[w] -= x[j] * power[w];
                power[w] *= t[w];
            }
        for (long w = 0; w < W; w++) {
            value += 0.5 * residual[w] * residual[w];
            power[w] = residual[w];
        }
        for (long j = 0; j < m; j++) {
            double sum = 0.0;
            for (long w = 0; w < W; w++) {
                sum += power[w];
                power[w] *= t[w];
            }
            x_bar[j] -= sum;
        }
    }
    return value;
}
