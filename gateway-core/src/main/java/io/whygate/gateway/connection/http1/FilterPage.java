package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.BlockPage;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Recognises the page of a filter that stands before the site, by the beginning of its content.
final class FilterPage {
  private static final int ENOUGH = 512;

  private FilterPage() {}

  /// How many bytes of content have to be there before [#markIn] can tell; 0 where the answer is no
  /// such page.
  static int bytesToTell(ResponseHead head) {
    if (!BlockPage.isGivenWith(head.status()) || head.framing() == Framing.NONE) {
      return 0;
    }
    String type = head.fields().first(FieldName.CONTENT_TYPE).toLowerCase(Locale.ROOT);
    if (!type.startsWith("text/html") && !type.startsWith("text/plain")) {
      return 0;
    }
    return head.framing() == Framing.LENGTH ? (int) Math.min(head.contentLength(), ENOUGH) : 1;
  }

  /// The words by which the content is a filter's; empty where it is not. The buffer stays as it
  /// is.
  static String markIn(ByteBuf content) {
    int n = Math.min(content.readableBytes(), BlockPage.LOOKED_AT);
    return BlockPage.markIn(
        content.toString(content.readerIndex(), n, StandardCharsets.ISO_8859_1));
  }
}
