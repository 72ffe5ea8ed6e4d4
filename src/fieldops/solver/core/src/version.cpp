int fieldops_core_placeholder() { return 0; }
