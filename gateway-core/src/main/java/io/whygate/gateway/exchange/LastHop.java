package io.whygate.gateway.exchange;

import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.reply.LocalReply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The requests that may go no further than the gateway: OPTIONS and TRACE whose Max-Forwards is
/// used up (RFC 9110 section 7.6.2).
final class LastHop {
  private static final List<LocalReply.Field> ALLOWED =
      List.of(new LocalReply.Field("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"));

  private LastHop() {}

  /// The gateway's own answer; null where the request goes on to an upstream.
  static @Nullable LocalReply answer(RequestHead request) {
    boolean trace = request.method().equals("TRACE");
    int hopsLeft = hopsLeft(request);
    if (trace && (hopsLeft == 0 || request.framing() != Framing.NONE)) {
      return LocalReply.text(405, "TRACE is not answered here.", false, ALLOWED);
    }
    if (hopsLeft == 0) {
      return LocalReply.text(
          200, "the gateway is the last hop that this request may reach.", false, ALLOWED);
    }
    return null;
  }

  /// How many more hops an OPTIONS or TRACE may go; -1 where nothing says so.
  static int hopsLeft(RequestHead request) {
    String method = request.method();
    if (!method.equals("OPTIONS") && !method.equals("TRACE")) {
      return -1;
    }
    String value = request.fields().first(FieldName.MAX_FORWARDS);
    if (value.isEmpty()
        || value.length() > 9
        || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Integer.parseInt(value);
  }
}
