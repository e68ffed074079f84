package io.whygate.gateway.admin;

import java.time.Instant;

/// A reload that is over.
///
/// @param because what asked for it, such as `a file changed`
public record ReloadRecord(Instant at, String because, Operations.Reload outcome) {}
