package io.whygate.diagnostics.page;

/// The place of a page that waited for a site among all that did, once the site answers again.
///
/// @param ticket its number, from 1
/// @param afterMillis in how long it may open the site, as far as can be told; 0 for now
public record Admission(long ticket, long afterMillis) {}
