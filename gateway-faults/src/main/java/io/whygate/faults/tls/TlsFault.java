package io.whygate.faults.tls;

import java.util.List;

/// The ways in which a TLS server fails its clients. What a certificate says wrong is in
/// [BadCertificate]; the rest is how the handshake goes.
public sealed interface TlsFault {

  /// A complete handshake that shows a certificate which a careful client refuses.
  sealed interface BadCertificate extends TlsFault {}

  /// The leaf ran out two days ago.
  record Expired() implements BadCertificate {}

  /// The leaf starts to be valid in two days.
  record NotYetValid() implements BadCertificate {}

  /// The leaf is good, for another name.
  record WrongName() implements BadCertificate {}

  /// The leaf is its own issuer.
  record SelfSigned() implements BadCertificate {}

  /// A complete chain under a root that nobody trusts.
  record UntrustedIssuer() implements BadCertificate {}

  /// The intermediate is not sent; the leaf says where it is, if the [Pki] was given an address.
  record IncompleteChain() implements BadCertificate {}

  /// The intermediate ran out two days ago, the leaf is good.
  record ExpiredIntermediate() implements BadCertificate {}

  /// Speaks only these protocols, for instance `TLSv1.3`; an older client gets alert 70.
  record ProtocolsOnly(List<String> protocols) implements TlsFault {
    /// Copies the list.
    public ProtocolsOnly {
      protocols = List.copyOf(protocols);
    }
  }

  /// Speaks only these cipher suites, of TLS 1.2; a client without them gets alert 40.
  record CiphersOnly(List<String> suites) implements TlsFault {
    /// Copies the list.
    public CiphersOnly {
      suites = List.copyOf(suites);
    }
  }

  /// Speaks nothing newer than `TLSv1.1` or `TLSv1`: its ServerHello picks that version.
  record OldVersionOnly(String version) implements TlsFault {
    /// Checks the version.
    public OldVersionOnly {
      if (!version.equals("TLSv1") && !version.equals("TLSv1.1")) {
        throw new IllegalArgumentException("version: " + version + " (expected: TLSv1, TLSv1.1)");
      }
    }
  }

  /// Answers every ClientHello with a fatal alert of this number (RFC 8446 section 6.2).
  record Alert(int number) implements TlsFault {
    /// No suite in common.
    public static final Alert HANDSHAKE_FAILURE = new Alert(40);

    /// No version in common.
    public static final Alert PROTOCOL_VERSION = new Alert(70);

    /// Something broke inside.
    public static final Alert INTERNAL_ERROR = new Alert(80);
  }

  /// Refuses every server name (SNI) by alert 112, and accepts a client that sends none.
  record UnrecognizedName() implements TlsFault {}

  /// Demands a certificate of the [Pki]'s client authority.
  record ClientCertificateRequired() implements TlsFault {}

  /// Accepts the connection, reads the ClientHello, and says nothing more.
  record HandshakeSilence() implements TlsFault {}

  /// Closes after the ClientHello, without a word.
  record HandshakeClose() implements TlsFault {}

  /// Speaks plain HTTP where TLS is expected.
  record PlainHttp() implements TlsFault {}
}
