package io.whygate.gateway.connection.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLPeerUnverifiedException;

/// The key of the certificate that a server showed: the surest mark by which it is known again.
public final class LeafKey {
  private LeafKey() {}

  /// The SHA-256 of the public key, in hexadecimal; empty for a connection without TLS.
  public static String of(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return "";
    }
    try {
      Certificate[] chain = tls.engine().getSession().getPeerCertificates();
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return chain.length == 0
          ? ""
          : HexFormat.of().formatHex(digest.digest(chain[0].getPublicKey().getEncoded()));
    } catch (SSLPeerUnverifiedException e) {
      return "";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
