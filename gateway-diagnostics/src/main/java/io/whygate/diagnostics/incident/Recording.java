package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.FailedExchange;

/// A failed exchange as it is kept for operators: what was asked, redacted, and all that was seen.
public record Recording(RecordedRequest request, FailedExchange exchange) {}
