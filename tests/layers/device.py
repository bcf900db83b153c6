"""What the machine at hand cannot do."""

import re

DEVICE = re.compile(
    r"NotFoundError|Current CPU implementations? do(es)? not yet support|No OpKernel was registered"
    r"|Input dims must be|is not supported yet|only supports (the )?N[DH]*WC|ONEDNN_VERBOSE"
)
"""Errors of the CPU build of TensorFlow that say nothing of the layer."""
