package io.whygate.gateway.admin;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Takes a request target apart (RFC 9112 section 3.2, origin form).
final class RequestTarget {
  private RequestTarget() {}

  /// @throws IllegalArgumentException where the target is of another form, or its encoding is
  ///   broken
  static Request parse(String target, HttpMethod method, HttpHeaders headers, byte[] body) {
    if (!target.startsWith("/")) {
      throw new IllegalArgumentException("target: " + target + " (expected: a path)");
    }
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    List<String> segments = new ArrayList<>();
    if (path.length() > 1) {
      for (String segment : path.substring(1).split("/", -1)) {
        segments.add(QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")));
      }
    }
    Map<String, String> query = new LinkedHashMap<>();
    if (mark >= 0) {
      new QueryStringDecoder(target.substring(mark + 1), false)
          .parameters()
          .forEach((name, values) -> query.putIfAbsent(name, values.getFirst()));
    }
    return new Request(method, List.copyOf(segments), query, headers, body);
  }
}
