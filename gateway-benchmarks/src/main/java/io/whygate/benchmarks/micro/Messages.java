package io.whygate.benchmarks.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import java.nio.charset.StandardCharsets;

/// Heads of messages as a browser and a server write them.
public final class Messages {
  static final HeadLimits LIMITS = new HeadLimits(8192, 32 * 1024, 100);

  private static final String RESPONSE =
      """
      HTTP/1.1 200 OK
      Server: nginx/1.22.1
      Date: Sun, 29 Nov 2026 12:00:00 GMT
      Content-Type: text/html; charset=utf-8
      Content-Length: 1024
      Last-Modified: Sat, 28 Nov 2026 12:00:00 GMT
      Connection: keep-alive
      Cache-Control: max-age=60
      Vary: Accept-Encoding

      """;

  private Messages() {}

  static ByteBuf request(String target) {
    return bytes(
        """
        GET %s HTTP/1.1
        Host: shop.example.org
        User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
        Accept-Language: en-GB,en;q=0.5
        Accept-Encoding: gzip, deflate, br, zstd
        Referer: https://shop.example.org/catalogue
        Connection: keep-alive
        Cookie: session=0123456789abcdef0123456789abcdef; theme=dark
        Sec-Fetch-Dest: document
        Sec-Fetch-Mode: navigate
        Sec-Fetch-Site: same-origin

        """
            .formatted(target));
  }

  static ByteBuf response() {
    return bytes(RESPONSE);
  }

  /// A request that has been read.
  public static RequestHead readRequest(String target) {
    RequestHead head = new RequestHead(LIMITS);
    if (head.read(request(target)) != MessageHead.Progress.DONE) {
      throw new IllegalStateException("head (expected: a sound one)");
    }
    return head;
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer()
            .writeBytes(text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII)));
  }
}
