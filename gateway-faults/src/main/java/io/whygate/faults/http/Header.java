package io.whygate.faults.http;

/// One header field, as it stands on the wire.
///
/// @param name the name, in the case it was sent
/// @param value the value without the white space around it
public record Header(String name, String value) {}
