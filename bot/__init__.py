"""The Teams side: checks what comes in, paces what goes out."""
