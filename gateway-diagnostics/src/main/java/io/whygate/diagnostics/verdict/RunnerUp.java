package io.whygate.diagnostics.verdict;

/// A cause that was considered and not named, and what speaks against it.
public record RunnerUp(Cause cause, double confidence, String against) {}
