package io.whygate.faults.http;

import java.io.IOException;

/// A request that breaks the rules of RFC 9112 and is answered by 400 and a closed connection.
public final class BadRequest extends IOException {
  private static final long serialVersionUID = 1;

  BadRequest(String problem) {
    super(problem);
  }
}
