package io.whygate.diagnostics.facts;

/// What tells one request from others, to see which of them fail: by whom, for what, how large.
///
/// Nothing in it identifies its sender to anybody outside this process.
///
/// @param kind what kind of program asked
/// @param client stands for the client's address, by a key that no other process has; 0 where it
///   has none
/// @param headBytes bytes of the head
/// @param largestField the name of the field with the largest value; empty where there is none
/// @param largestFieldBytes bytes of that value
/// @param bodyBytes bytes of the content: those announced, else those that came
public record RequestShape(
    String method,
    String path,
    ClientKind kind,
    long client,
    int headBytes,
    String largestField,
    int largestFieldBytes,
    long bodyBytes) {}
