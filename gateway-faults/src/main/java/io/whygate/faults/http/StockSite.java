package io.whygate.faults.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// The site that a server has by default: a home page with its name, and paths that exercise a
/// proxy.
///
/// | path | answers |
/// | --- | --- |
/// | `/bytes/N`, `/chunked/N`, `/until-close/N` | N bytes, framed so |
/// | `/echo` | the request's body, in chunks |
/// | `/head` | the request's head, as text |
/// | `/status/N` | that status |
/// | `/hints` | 103, then 200 |
/// | `/trailers` | a trailer field `X-Checksum` |
/// | `/upgrade` | 101, then an echo of bytes |
/// | `/favicon.ico`, `/robots.txt` | 204, an empty text |
/// | all else under `/` | a page with the site's name |
///
/// @param name what the pages say, to tell servers apart; also in the field `X-Served-By`
public record StockSite(String name) implements Site {
  private static final int BLOCK = 16 * 1024;

  @Override
  public Response respond(Request request) throws IOException {
    return route(request).with("Server", "faults").with("X-Served-By", name);
  }

  private Response route(Request request) throws IOException {
    RequestHead head = request.head();
    String[] path = head.path().split("/", -1);
    String first = path.length > 1 ? path[1] : "";
    long number = path.length > 2 && path[2].matches("[0-9]{1,15}") ? Long.parseLong(path[2]) : 0;
    return switch (first) {
      case "bytes" -> bytes(number, number);
      case "chunked" -> bytes(number, Response.CHUNKED);
      case "until-close" -> bytes(number, Response.UNTIL_CLOSE);
      case "echo" -> echo(request);
      case "head" -> Response.text(200, head.raw());
      case "status" -> Response.text((int) number, "status " + number + "\n");
      case "hints" ->
          page().after(Response.empty(103).with("Link", "</style.css>; rel=preload; as=style"));
      case "trailers" -> bytes(BLOCK, Response.CHUNKED).withTrailer("X-Checksum", "none");
      case "upgrade" -> upgrade(request);
      case "favicon.ico" -> Response.empty(204);
      case "robots.txt" -> Response.text(200, "");
      default -> page();
    };
  }

  private Response page() {
    return Response.html(
        200,
        "<!doctype html><html lang=\"en\"><title>%s</title><h1>%s works</h1></html>\n"
            .formatted(name, name));
  }

  private static Response echo(Request request) {
    return Response.streaming(
        200,
        request.head().header("Content-Type").orElse("application/octet-stream"),
        Response.CHUNKED,
        out -> request.body().transferTo(out));
  }

  private static Response upgrade(Request request) {
    String protocol = request.head().header("Upgrade").orElse("");
    if (protocol.isEmpty()) {
      return Response.text(400, "Upgrade: missing (expected: a protocol)\n");
    }
    return Response.streaming(
            101, "text/plain", Response.UNTIL_CLOSE, out -> echoBytes(request, out))
        .with("Connection", "Upgrade")
        .with("Upgrade", protocol);
  }

  private static void echoBytes(Request request, OutputStream out) throws IOException {
    byte[] buffer = new byte[BLOCK];
    int count;
    while ((count = request.connection().read(buffer)) >= 0) {
      out.write(buffer, 0, count);
      out.flush();
    }
  }

  private static Response bytes(long count, long length) {
    return Response.streaming(
        200, "application/octet-stream", length, out -> writeBytes(out, count));
  }

  private static void writeBytes(OutputStream out, long count) throws IOException {
    byte[] block = new byte[BLOCK];
    Arrays.fill(block, (byte) 'x');
    for (long left = count; left > 0; left -= BLOCK) {
      out.write(block, 0, (int) Math.min(left, BLOCK));
    }
  }
}
