package io.whygate.gateway.admin;

/// What a browser was given for a token.
///
/// @param id the value of its cookie
/// @param csrf what each change has to show beside it: another site cannot read it
/// @param host the authority under which it was opened, lower case; it holds under no other
record Session(String id, Role role, String csrf, String host) {}
