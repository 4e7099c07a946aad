# A virtual environment with onnxruntime, outside the tree.

VENV = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/nnc/onnxruntime

$(VENV)/bin/python:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet onnxruntime==1.32.0 onnx==1.23.2
