package io.whygate.faults.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// Writes answers to one connection, framed as RFC 9112 section 6 says. Confined to the
/// connection's thread.
public final class ResponseWriter {
  private static final Header CLOSE = new Header("Connection", "close");

  private final OutputStream out;

  /// A writer to a buffered stream, which it flushes after each answer.
  public ResponseWriter(OutputStream out) {
    this.out = out;
  }

  /// Writes an answer.
  ///
  /// @return whether the connection may serve another request
  public boolean write(RequestHead request, Response response) throws IOException {
    for (Response earlier : response.interim()) {
      startHead(earlier.status(), earlier.headers());
      endHead();
      out.flush();
    }
    if (response.status() == 101) {
      startHead(101, response.headers());
      endHead();
      out.flush();
      response.body().writeTo(out);
      out.flush();
      return false;
    }
    return writeFinal(request, response);
  }

  /// Says that the body is welcome (RFC 9110 section 10.1.1).
  public void writeContinue() throws IOException {
    startHead(100, List.of());
    endHead();
    out.flush();
  }

  private boolean writeFinal(RequestHead request, Response response) throws IOException {
    boolean chunked = response.length() == Response.CHUNKED && request.version().equals("HTTP/1.1");
    boolean sized = response.length() >= 0;
    boolean closes = response.headers().contains(CLOSE);
    boolean keepsAlive = request.keepsAlive() && (chunked || sized) && !closes;
    boolean bodiless = response.status() == 204 || response.status() == 304;

    startHead(response.status(), response.headers());
    if (response.headers().stream().noneMatch(each -> each.name().equalsIgnoreCase("Date"))) {
      field("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
    }
    if (sized && !bodiless) {
      field("Content-Length", Long.toString(response.length()));
    }
    if (chunked) {
      field("Transfer-Encoding", "chunked");
    }
    if (!keepsAlive && !closes) {
      field(CLOSE.name(), CLOSE.value());
    } else if (keepsAlive && request.version().equals("HTTP/1.0")) {
      field("Connection", "keep-alive");
    }
    endHead();
    if (!bodiless && !request.method().equals("HEAD")) {
      writeBody(response, chunked);
    }
    out.flush();
    return keepsAlive;
  }

  private void writeBody(Response response, boolean chunked) throws IOException {
    if (!chunked) {
      response.body().writeTo(out);
      return;
    }
    response.body().writeTo(new Chunks(out));
    ascii("0\r\n");
    for (Header trailer : response.trailers()) {
      field(trailer.name(), trailer.value());
    }
    ascii("\r\n");
  }

  private void startHead(int status, List<Header> headers) throws IOException {
    ascii("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
    for (Header header : headers) {
      field(header.name(), header.value());
    }
  }

  private void field(String name, String value) throws IOException {
    ascii(name + ": " + value + "\r\n");
  }

  private void endHead() throws IOException {
    ascii("\r\n");
  }

  private void ascii(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// The reason phrase of a status; empty where none is well known.
  public static String reason(int status) {
    return switch (status) {
      case 100 -> "Continue";
      case 101 -> "Switching Protocols";
      case 103 -> "Early Hints";
      case 200 -> "OK";
      case 204 -> "No Content";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 303 -> "See Other";
      case 304 -> "Not Modified";
      case 400 -> "Bad Request";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 429 -> "Too Many Requests";
      case 500 -> "Internal Server Error";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      default -> "";
    };
  }

  /// Frames what is written as chunks, one a write.
  private static final class Chunks extends FilterOutputStream {
    Chunks(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return;
      }
      out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(bytes, offset, length);
      out.write('\r');
      out.write('\n');
    }
  }
}
