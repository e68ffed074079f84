package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.Sources;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Messages;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.proxyprotocol.Ends;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;

/// Any bytes as a request: what is taken for one, and written anew for an endpoint, is read again
/// as the same one, and as nothing besides; wherever the bytes are cut.
public final class RequestFuzz {
  private static final Endpoint ENDPOINT = new Endpoint(Endpoint.Scheme.HTTP, "app", 3000);
  private static final InetSocketAddress CLIENT =
      new InetSocketAddress(InetAddress.ofLiteral("203.0.113.9"), 5);
  private static final ForwardedFields FORWARDED =
      new ForwardedFields(
          Peer.of(new Ends(CLIENT, CLIENT), false),
          Sources.NONE,
          new ForwardedFields.Identity("gate", "i1"));

  private RequestFuzz() {}

  /// Called by Jazzer.
  public static void fuzzerTestOneInput(byte[] bytes) {
    var first = Messages.request(bytes, 0);
    var cut = Messages.request(bytes, bytes.length / 2);
    check(first.isPresent() == cut.isPresent(), "it depends on where the bytes are cut");
    if (first.isEmpty()) {
      return;
    }
    check(
        cut.isPresent() && Arrays.equals(first.get().content(), cut.get().content()),
        "the content depends on where the bytes are cut");
    RequestHead head = first.get().head();
    ByteBuf out = Unpooled.buffer();
    try {
      new UpstreamRequest(
              head,
              ENDPOINT,
              UpstreamSettings.HostHeader.PRESERVE,
              FORWARDED,
              RequestId.of(head, UpstreamSettings.RequestId.PASS),
              null)
          .writeHttp1(out);
      first.get().writeContent(out);
      var again = Messages.requestWritten(out);
      check(again.isPresent(), "what is written is no request");
      check(again.isPresent() && again.get().left() == 0, "there is more than one request");
      again.ifPresent(each -> same(first.get(), each));
    } finally {
      out.release();
    }
  }

  private static void same(Messages.Whole<RequestHead> a, Messages.Whole<RequestHead> b) {
    check(a.head().method().equals(b.head().method()), "another method");
    check(a.head().framing() == b.head().framing(), "another framing");
    check(Arrays.equals(a.content(), b.content()), "another content");
    check(
        a.head().framing() != Framing.LENGTH
            || a.head().contentLength() == b.head().contentLength(),
        "another length");
    String authority = a.head().authority().isEmpty() ? "app:3000" : a.head().authority();
    check(b.head().authority().equals(authority), "another host");
    check(
        a.head().isAbsoluteForm() || a.head().target().equals(b.head().target()), "another target");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
