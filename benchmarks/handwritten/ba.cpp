// The blocks of bundle adjustment: of each observation, two residuals by 15 numbers.
//
// With P = X − C, θ = |r|, a = r/θ: Q = P cos θ + (a × P) sin θ + a (a·P) (1 − cos θ), and
// the residuals are w (f · (x, y) · (1 + k₁ s + k₂ s²) + x₀ − seen), x = Q₀/Q₂, y = Q₁/Q₂,
// s = x² + y². One sweep back for each of the two.
#include <cmath>

static double dot(const double *a, const double *b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(const double *a, const double *b, double *c) {
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

static void blocks(const double *z, const double *seen, double *row) {
    const double *r = z, *centre = z + 3, focal = z[6], weight = z[14];
    const double P[3] = {z[11] - centre[0], z[12] - centre[1], z[13] - centre[2]};
    const double angle = std::sqrt(dot(r, r)), c = std::cos(angle), s = std::sin(angle);
    const double a[3] = {r[0] / angle, r[1] / angle, r[2] / angle};
    const double along = dot(a, P);
    double across[3], Q[3], turn[3];
    cross(a, P, across);
    for (int i = 0; i < 3; i++) {
        Q[i] = P[i] * c + across[i] * s + a[i] * along * (1.0 - c);
        turn[i] = -P[i] * s + across[i] * c + a[i] * along * s;  // ∂Q/∂θ
    }
    const double plane[2] = {Q[0] / Q[2], Q[1] / Q[2]};
    const double square = plane[0] * plane[0] + plane[1] * plane[1];
    const double scale = 1.0 + z[9] * square + z[10] * square * square;
    const double steep = 2.0 * (z[9] + 2.0 * z[10] * square);  // scale' over x, over y

    for (int k = 0; k < 2; k++, row += 15) {
        const double outer = weight * focal, at = plane[k];
        double p[2] = {outer * at * steep * plane[0], outer * at * steep * plane[1]};
        p[k] += outer * scale;
        const double q[3] = {p[0] / Q[2], p[1] / Q[2],
                             -(p[0] * plane[0] + p[1] * plane[1]) / Q[2]};
        double back[3], swept[3], a_bar[3];
        cross(q, a, back);
        cross(P, q, swept);
        const double aq = dot(a, q), turned = dot(q, turn);
        for (int i = 0; i < 3; i++)
            a_bar[i] = s * swept[i] + (1.0 - c) * (along * q[i] + aq * P[i]);
        const double radial = dot(a, a_bar);
        for (int i = 0; i < 3; i++) {
            row[i] = (a_bar[i] - a[i] * radial) / angle + a[i] * turned;
            row[11 + i] = c * q[i] + s * back[i] + (1.0 - c) * a[i] * aq;
            row[3 + i] = -row[11 + i];
        }
        row[6] = weight * at * scale;
        row[7] = k == 0 ? weight : 0.0;
        row[8] = k == 1 ? weight : 0.0;
        row[9] = outer * at * square;
        row[10] = row[9] * square;
        row[14] = focal * at * scale + z[7 + k] - seen[k];
    }
}

extern "C" double gradient(const double *z, double *rows, const double *const *data,
                           const long *sizes) {
    for (long i = 0; i < sizes[0]; i++) blocks(z + 15 * i, data[0] + 2 * i, rows + 30 * i);
    return 0.0;
}
