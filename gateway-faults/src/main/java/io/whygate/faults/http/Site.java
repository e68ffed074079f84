package io.whygate.faults.http;

import java.io.IOException;

/// What a healthy server does with a request. Called on the connection's own virtual thread, so it
/// may block; called for many connections at once.
@FunctionalInterface
public interface Site {
  /// The answer to a request.
  ///
  /// @throws IOException where the connection failed while the body was read
  Response respond(Request request) throws IOException;
}
