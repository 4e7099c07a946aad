# A virtual environment with onnxruntime and emx-onnx-cgen, outside the tree.

VENV = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/nnc/onnxruntime

$(VENV)/bin/python:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet onnxruntime==1.32.0 onnx==1.23.2 emx-onnx-cgen==1.4.0
