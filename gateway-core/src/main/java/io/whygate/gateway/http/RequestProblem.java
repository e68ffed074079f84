package io.whygate.gateway.http;

/// Why a request is refused before it goes anywhere.
///
/// @param status the status that says so: 400, 413, 414, 431, 501 or 505
/// @param detail what is wrong, in words for people; never bytes of the request
public record RequestProblem(int status, String detail) {}
