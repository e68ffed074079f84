package io.whygate.gateway.routing;

import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// The path of a request as routes see it: unreserved characters decoded, dot segments removed (RFC
/// 3986 section 6.2.2), so that no spelling of a path takes another route than the one that its
/// server would see. The path that is forwarded stays as it came.
final class RoutePath {
  private RoutePath() {}

  /// Whether the path has dot segments or encoded characters, so that it has to be looked at.
  static boolean isSuspect(RequestHead request) {
    byte[] bytes = request.fields().bytes();
    for (int i = request.pathStart(); i < request.pathEnd(); i++) {
      byte b = bytes[i];
      if (b == '%' || b == '\\' || (b == '.' && i > request.pathStart() && bytes[i - 1] == '/')) {
        return true;
      }
    }
    return false;
  }

  /// The path as routes see it; null where it climbs above the root or a percent sign is not
  /// followed by two hexadecimal digits.
  static @Nullable String normal(RequestHead request) {
    if (request.isAsterisk()) {
      return "/";
    }
    if (!isSuspect(request)) {
      return request.path();
    }
    String decoded = decodeUnreserved(request.path());
    return decoded == null ? null : withoutDotSegments(decoded);
  }

  private static @Nullable String decodeUnreserved(String path) {
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      if (i + 2 >= path.length()) {
        return null;
      }
      int high = Grammar.hex((byte) path.charAt(i + 1));
      int low = Grammar.hex((byte) path.charAt(i + 2));
      if (high < 0 || low < 0) {
        return null;
      }
      char decoded = (char) (high << 4 | low);
      if (isUnreserved(decoded)) {
        out.append(decoded);
      } else {
        out.append(path, i, i + 3);
      }
      i += 2;
    }
    return out.toString();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~".indexOf(c) >= 0;
  }

  private static @Nullable String withoutDotSegments(String path) {
    StringBuilder out = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      int next = path.indexOf('/', at + 1);
      int end = next < 0 ? path.length() : next;
      String segment = path.substring(at, end);
      if (segment.equals("/..")) {
        int parent = out.lastIndexOf("/");
        if (parent < 0) {
          return null;
        }
        out.setLength(parent);
        if (next < 0) {
          out.append('/');
        }
      } else if (segment.equals("/.")) {
        if (next < 0) {
          out.append('/');
        }
      } else {
        out.append(segment);
      }
      at = end;
    }
    return out.isEmpty() ? "/" : out.toString();
  }
}
