package io.whygate.faults.http;

import java.util.List;
import java.util.Optional;

/// The head of a request, as it arrived.
///
/// @param method the method
/// @param target the request target, unchanged
/// @param version `HTTP/1.1` or `HTTP/1.0`
/// @param headers the fields in their order
/// @param raw the bytes of the head, read as ISO 8859-1, without the empty line
/// @param connection the number of the connection it came on, from 1
/// @param position its place on that connection, from 1: above 1, the connection was reused
public record RequestHead(
    String method,
    String target,
    String version,
    List<Header> headers,
    String raw,
    long connection,
    int position) {
  /// Copies the fields.
  public RequestHead {
    headers = List.copyOf(headers);
  }

  /// The first field of this name, in any case.
  public Optional<String> header(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .findFirst();
  }

  /// All fields of this name, in any case.
  public List<String> headers(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .toList();
  }

  /// The target without its query.
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /// The query without its question mark, empty where there is none.
  public String query() {
    int query = target.indexOf('?');
    return query < 0 ? "" : target.substring(query + 1);
  }

  /// Whether the client wants to use the connection again (RFC 9112 section 9.3).
  public boolean keepsAlive() {
    boolean close = hasToken("Connection", "close");
    return version.equals("HTTP/1.1") ? !close : hasToken("Connection", "keep-alive") && !close;
  }

  /// Whether a field that is a list has this token.
  public boolean hasToken(String name, String token) {
    for (String value : headers(name)) {
      for (String part : value.split(",", -1)) {
        if (part.strip().equalsIgnoreCase(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
