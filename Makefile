# Each target runs a script that also works without make: `python scripts/dev.py TARGET`.
# ARGS passes arguments to it: make test ARGS="-k policy".
PYTHON ?= $(or $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; \
	done),python3)

.PHONY: run test check audit e2e chaos bench mutants generate rights backup restore lock package bundle release setup clean
run test check audit e2e chaos bench mutants generate rights backup restore lock package bundle release setup clean:
	@$(PYTHON) scripts/dev.py $@ $(ARGS)
