package io.whygate.faults.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// An answer of a [Site].
///
/// @param status the status code
/// @param headers the fields, without those of framing
/// @param length the length of the body in bytes, or one of the negative constants here
/// @param body writes the body, once
/// @param interim answers with a 1xx status that go before it
/// @param trailers fields after a chunked body
public record Response(
    int status,
    List<Header> headers,
    long length,
    Body body,
    List<Response> interim,
    List<Header> trailers) {
  /// The length of a body sent in chunks.
  public static final long CHUNKED = -1;

  /// The length of a body that ends with the connection.
  public static final long UNTIL_CLOSE = -2;

  /// Copies the lists.
  public Response {
    headers = List.copyOf(headers);
    interim = List.copyOf(interim);
    trailers = List.copyOf(trailers);
  }

  /// Writes a body.
  @FunctionalInterface
  public interface Body {
    /// Writes it as it comes; blocking where the client does not read.
    void writeTo(OutputStream out) throws IOException;
  }

  public static Response of(int status, String contentType, byte[] body) {
    return streaming(status, contentType, body.length, out -> out.write(body));
  }

  public static Response html(int status, String body) {
    return of(status, "text/html; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  public static Response text(int status, String body) {
    return of(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  /// An answer without a body.
  public static Response empty(int status) {
    return new Response(status, List.of(), 0, _ -> {}, List.of(), List.of());
  }

  /// A redirection by GET (303) to a path or an address.
  public static Response seeOther(String location) {
    return empty(303).with("Location", location);
  }

  /// An answer whose body is written as it is sent.
  ///
  /// @param length its length in bytes, [#CHUNKED] or [#UNTIL_CLOSE]
  public static Response streaming(int status, String contentType, long length, Body body) {
    return new Response(
        status,
        List.of(new Header("Content-Type", contentType)),
        length,
        body,
        List.of(),
        List.of());
  }

  /// The same answer with one more field.
  public Response with(String name, String value) {
    return new Response(
        status, appended(headers, new Header(name, value)), length, body, interim, trailers);
  }

  /// The same answer with a 1xx answer before it.
  public Response after(Response earlier) {
    return new Response(status, headers, length, body, appended(interim, earlier), trailers);
  }

  /// The same answer in chunks, with a trailer field.
  public Response withTrailer(String name, String value) {
    return new Response(
        status, headers, CHUNKED, body, interim, appended(trailers, new Header(name, value)));
  }

  private static <T> List<T> appended(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }
}
