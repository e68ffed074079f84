package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.facts.WireFacts.Spot;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Gathers, once an answer failed, what its connection still shows of it: the byte that broke the
/// rules with those beside it, and the certificates of the server.
public final class Offences {
  private static final int MOST_CERTIFICATES = 8;

  private Offences() {}

  /// The byte at an index of the buffer that was read last.
  ///
  /// @param received bytes of the answer up to the end of that buffer
  static Spot in(ByteBuf bytes, int index, long received) {
    int at = Math.clamp(index, 0, Math.max(0, bytes.writerIndex() - 1));
    int from = Math.max(0, at - Spot.BESIDE);
    int to = Math.min(bytes.writerIndex(), at + Spot.BESIDE);
    return to <= from
        ? Spot.NONE
        : new Spot(
            received - (bytes.writerIndex() - at),
            bytes.toString(from, to - from, StandardCharsets.ISO_8859_1),
            at - from);
  }

  /// The byte at which a head broke the rules; none where it is no single byte.
  ///
  /// @param received bytes of the answer that came
  static Spot in(ResponseHead head, long received) {
    FieldSection fields = head.fields();
    int at = head.offset();
    int taken = (int) Math.min(received, fields.bytes().length);
    if (at < 0 || at >= taken) {
      return Spot.NONE;
    }
    int from = Math.max(0, at - Spot.BESIDE);
    int to = Math.min(taken, at + Spot.BESIDE);
    return new Spot(at, fields.text(from, to), at - from);
  }

  /// What the wire showed of the answer that a connection failed to give.
  public static WireFacts of(UpstreamConnection connection) {
    return of(connection.channel(), connection.offence());
  }

  private static WireFacts of(Channel channel, Spot spot) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return spot.isKnown() ? new WireFacts(List.of(), "", "", spot) : WireFacts.NONE;
    }
    SSLSession session = tls.engine().getSession();
    return new WireFacts(chain(session), session.getProtocol(), session.getCipherSuite(), spot);
  }

  private static List<byte[]> chain(SSLSession session) {
    List<byte[]> chain = new ArrayList<>();
    try {
      for (Certificate each : session.getPeerCertificates()) {
        if (chain.size() < MOST_CERTIFICATES) {
          chain.add(each.getEncoded());
        }
      }
    } catch (SSLPeerUnverifiedException | CertificateEncodingException _) {
      return List.copyOf(chain);
    }
    return chain;
  }
}
