package io.whygate.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The field names that the gateway acts on; any other passes through without being looked at.
public enum FieldName {
  HOST,
  CONNECTION,
  KEEP_ALIVE,
  PROXY_CONNECTION,
  TE,
  TRAILER,
  TRANSFER_ENCODING,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  UPGRADE,
  HTTP2_SETTINGS,
  EXPECT,
  MAX_FORWARDS,
  VIA,
  CDN_LOOP,
  CF_RAY,
  FORWARDED,
  X_FORWARDED_FOR,
  X_FORWARDED_PROTO,
  X_FORWARDED_HOST,
  X_FORWARDED_PORT,
  X_REAL_IP,
  CLIENT_CERT,
  CLIENT_CERT_CHAIN,
  EARLY_DATA,
  X_REQUEST_ID,
  GRPC_TIMEOUT,
  TRACEPARENT,
  TRACESTATE,
  ACCEPT,
  ACCEPT_LANGUAGE,
  SEC_FETCH_DEST,
  USER_AGENT,
  REFERER,
  IDEMPOTENCY_KEY,
  DATE,
  RETRY_AFTER,
  PROXY_STATUS,
  STRICT_TRANSPORT_SECURITY,
  ALT_SVC,
  SERVER,
  /// Any of the others with an underscore in place of a hyphen. Servers that make variables of
  /// names (CGI) cannot tell the two apart, so that it would pass for what the gateway says.
  LOOK_ALIKE;

  private static final FieldName[][] BY_LENGTH = byLength();

  @SuppressWarnings("ImmutableEnumChecker") // never written, never handed out
  private final byte[] lowerCase =
      name().toLowerCase(Locale.ROOT).replace('_', '-').getBytes(StandardCharsets.US_ASCII);

  private static FieldName[][] byLength() {
    int longest = 0;
    for (FieldName name : values()) {
      longest = Math.max(longest, name.lowerCase.length);
    }
    FieldName[][] table = new FieldName[longest + 1][];
    for (int length = 0; length <= longest; length++) {
      List<FieldName> names = new ArrayList<>();
      for (FieldName name : values()) {
        if (name.lowerCase.length == length && name != LOOK_ALIKE) {
          names.add(name);
        }
      }
      table[length] = names.toArray(FieldName[]::new);
    }
    return table;
  }

  /// The name that the range spells, or null.
  static @Nullable FieldName of(byte[] bytes, int start, int end) {
    int length = end - start;
    if (length >= BY_LENGTH.length) {
      return null;
    }
    for (FieldName name : BY_LENGTH[length]) {
      if (Grammar.equalsIgnoreCase(bytes, start, end, name.lowerCase)) {
        return name;
      }
      if (looksLike(bytes, start, name.lowerCase)) {
        return LOOK_ALIKE;
      }
    }
    return null;
  }

  private static boolean looksLike(byte[] bytes, int start, byte[] lowerCase) {
    for (int i = 0; i < lowerCase.length; i++) {
      byte b = bytes[start + i];
      if (b != lowerCase[i] && (b | 0x20) != lowerCase[i] && !(b == '_' && lowerCase[i] == '-')) {
        return false;
      }
    }
    return true;
  }

  /// The name in lower case.
  public String lowerCase() {
    return new String(lowerCase, StandardCharsets.US_ASCII);
  }
}
