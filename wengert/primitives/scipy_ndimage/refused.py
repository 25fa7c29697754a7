"""Functions of scipy.ndimage that are not differentiated, each with its reason."""

from __future__ import annotations

import scipy.ndimage

from wengert.primitives.refusal import refuse_all

__all__: list[str] = []

refuse_all(
    scipy.ndimage,
    {
        "it tells what is set and what is not, which jumps": "binary_closing "
        "binary_dilation binary_erosion binary_fill_holes binary_hit_or_miss "
        "binary_opening binary_propagation distance_transform_bf "
        "distance_transform_cdt distance_transform_edt find_objects label "
        "watershed_ift histogram value_indices maximum_position minimum_position",
        "it calls a function that cannot be traced within compiled code": ""
        "generic_filter generic_filter1d generic_gradient_magnitude generic_laplace "
        "geometric_transform labeled_comprehension vectorized_filter",
        "a rule is not written": "black_tophat center_of_mass extrema "
        "fourier_ellipsoid fourier_gaussian fourier_shift fourier_uniform "
        "grey_closing grey_dilation grey_erosion grey_opening maximum median minimum "
        "morphological_gradient morphological_laplace standard_deviation variance "
        "white_tophat",
    },
)
