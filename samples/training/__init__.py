"""What the trained samples share: the data, the parts of a network that both have, the training, and the files of a model.

Needs numpy and scikit-learn, nothing else.
"""

import os

# Before numpy loads its BLAS: one thread always adds in the same order.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
