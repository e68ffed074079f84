package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.BlockPage;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;

/// Recognises the page of a filter that stands before the site, or of a server that wants a client
/// certificate, by its head and the beginning of its content.
public final class FilterPage {
  private static final int ENOUGH = 512;
  private static final int GOOD = 200;
  private static final byte[] HTML = "text/html".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PLAIN = "text/plain".getBytes(StandardCharsets.US_ASCII);

  private FilterPage() {}

  /// How many bytes of content have to be there before [#markIn] can tell; 0 where the answer is no
  /// such page, or is one by what is there already.
  public static int bytesToTell(ResponseHead head) {
    boolean isCandidate =
        BlockPage.isLookedAt(head.status()) || (head.status() == GOOD && isShortPage(head));
    if (!isCandidate || head.framing() == Framing.NONE || !isText(head.fields())) {
      return 0;
    }
    return head.framing() == Framing.LENGTH ? (int) Math.min(head.contentLength(), ENOUGH) : 1;
  }

  /// The mark by which the answer is a filter's; empty where it is not. The buffer stays as it is.
  ///
  /// @param content what is there of it
  public static String markIn(ResponseHead head, ByteBuf content) {
    if (head.status() < 400 && !isShortPage(head)) {
      return "";
    }
    FieldSection fields = head.fields();
    return BlockPage.markIn(
        head.status(), fields::joined, isText(fields) ? beginning(content) : "");
  }

  /// Whether a good answer is as short as a filter's, which is given with 200 and a length, or says
  /// 202 by a field.
  private static boolean isShortPage(ResponseHead head) {
    return head.status() == 202
        || (head.status() == GOOD
            && head.framing() == Framing.LENGTH
            && head.contentLength() <= BlockPage.SHORT_PAGE
            && head.fields().begins(FieldName.CONTENT_TYPE, HTML));
  }

  private static boolean isText(FieldSection fields) {
    return fields.begins(FieldName.CONTENT_TYPE, HTML)
        || fields.begins(FieldName.CONTENT_TYPE, PLAIN);
  }

  private static String beginning(ByteBuf content) {
    int n = Math.min(content.readableBytes(), BlockPage.LOOKED_AT);
    return content.toString(content.readerIndex(), n, StandardCharsets.ISO_8859_1);
  }
}
