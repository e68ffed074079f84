package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Messages;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.listener.client.OwnFields;
import java.util.Arrays;
import java.util.Optional;

/// Any bytes as an answer: what is taken for one, and written anew for a client, is read again as
/// the same one, and as nothing besides; wherever the bytes are cut.
public final class ResponseFuzz {
  private static final OwnFields OWN = new OwnFields(Optional.empty(), Optional.empty(), () -> 0);

  private ResponseFuzz() {}

  /// Called by Jazzer. The first byte says whether HEAD was asked.
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean toHead = (input[0] & 1) != 0;
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    var first = Messages.response(bytes, 0, toHead);
    var cut = Messages.response(bytes, bytes.length / 2, toHead);
    check(first.isPresent() == cut.isPresent(), "it depends on where the bytes are cut");
    if (first.isEmpty() || first.get().head().status() == 101) {
      return;
    }
    check(
        cut.isPresent() && Arrays.equals(first.get().content(), cut.get().content()),
        "the content depends on where the bytes are cut");
    ResponseHead head = first.get().head();
    ByteBuf out = Unpooled.buffer();
    try {
      ResponseWriter.write(
          out,
          head,
          HeadEdit.NONE,
          head.framing() == Framing.CHUNKED,
          ResponseWriter.Persistence.IMPLIED,
          OWN);
      first.get().writeContent(out);
      var again = Messages.responseWritten(out, toHead);
      check(again.isPresent(), "what is written is no answer");
      check(again.isPresent() && again.get().left() == 0, "there is more than one answer");
      again.ifPresent(each -> same(first.get(), each));
    } finally {
      out.release();
    }
  }

  private static void same(Messages.Whole<ResponseHead> a, Messages.Whole<ResponseHead> b) {
    check(a.head().status() == b.head().status(), "another status");
    check(a.head().framing() == b.head().framing(), "another framing");
    check(Arrays.equals(a.content(), b.content()), "another content");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
