package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.verdict.CaseFile;
import java.io.ByteArrayInputStream;
import java.net.IDN;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// A certificate chain as a server shows it, examined: what is wrong with it, first things first.
///
/// @param path from the leaf up to the last certificate that issued the one below it
/// @param expired the first of the path that has run out
/// @param notYetValid the first of the path that is not valid yet
/// @param nameMatches whether the leaf carries the name that was asked for
/// @param names the names that the leaf carries
/// @param trusted whether the path ends at a trusted certificate
record Chain(
    List<X509Certificate> path,
    Optional<X509Certificate> expired,
    Optional<X509Certificate> notYetValid,
    boolean nameMatches,
    List<String> names,
    boolean trusted) {
  private static final String AIA = "1.3.6.1.5.5.7.1.1";
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;
  private static final int LONGEST = 10;

  /// What the server showed: in the failed handshake, else in a second one.
  static List<X509Certificate> shown(CaseFile file) {
    List<X509Certificate> first =
        file.failure(TlsRejected.class).map(failure -> parse(failure.chain())).orElse(List.of());
    return first.isEmpty() ? file.handshake().map(Handshaken::chain).orElse(List.of()) : first;
  }

  private static List<X509Certificate> parse(List<byte[]> encoded) {
    var parsed = new ArrayList<X509Certificate>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] der : encoded) {
        if (factory.generateCertificate(new ByteArrayInputStream(der))
            instanceof X509Certificate certificate) {
          parsed.add(certificate);
        }
      }
      return parsed;
    } catch (CertificateException e) {
      return List.of();
    }
  }

  /// Examines what a server showed against what the configuration asks for.
  static Chain of(List<X509Certificate> shown, CaseFile file, Instant now) {
    return of(shown, file.facts(), file.endpoint().map(Endpoint::host).orElse(""), now);
  }

  private static Chain of(
      List<X509Certificate> shown, UpstreamFacts facts, String host, Instant now) {
    if (shown.isEmpty()) {
      return new Chain(List.of(), Optional.empty(), Optional.empty(), false, List.of(), false);
    }
    List<X509Certificate> path = path(shown);
    List<String> names = namesOf(path.getFirst());
    String wanted = facts.serverName().orElse(host);
    return new Chain(
        path,
        path.stream().filter(c -> c.getNotAfter().toInstant().isBefore(now)).findFirst(),
        path.stream().filter(c -> c.getNotBefore().toInstant().isAfter(now)).findFirst(),
        names.stream().anyMatch(name -> matches(name, wanted)),
        names,
        isTrusted(path.getLast(), anchors(facts.trusted())));
  }

  /// Whether a chain that an endpoint shows now is one that the gateway accepts.
  static boolean isAccepted(
      List<X509Certificate> shown, UpstreamFacts facts, Endpoint endpoint, Instant now) {
    return !facts.verifiesTls() || of(shown, facts, endpoint.host(), now).isAccepted();
  }

  boolean isAccepted() {
    return !path.isEmpty() && expired.isEmpty() && notYetValid.isEmpty() && nameMatches && trusted;
  }

  boolean isSelfSigned() {
    return path.size() == 1 && issued(path.getFirst(), path.getFirst());
  }

  /// Whether the server left out the certificate that issued its leaf, and the leaf says where to
  /// get it.
  boolean namesMissingIssuer() {
    return lacksIssuer() && path.getLast().getExtensionValue(AIA) != null;
  }

  /// Whether the server left out the certificate that issued its leaf, and it is one of these.
  boolean lacksOneOf(List<X509Certificate> issuers) {
    return lacksIssuer() && issuers.stream().anyMatch(issuer -> issued(path.getLast(), issuer));
  }

  private boolean lacksIssuer() {
    X509Certificate last = path.getLast();
    return !trusted && last.getBasicConstraints() < 0 && !issued(last, last);
  }

  private static List<X509Certificate> path(List<X509Certificate> shown) {
    var path = new ArrayList<X509Certificate>();
    X509Certificate below = shown.getFirst();
    path.add(below);
    while (path.size() < LONGEST && !issued(below, below)) {
      X509Certificate current = below;
      Optional<X509Certificate> issuer =
          shown.stream()
              .filter(c -> c.getBasicConstraints() >= 0 && !path.contains(c) && issued(current, c))
              .findFirst();
      if (issuer.isEmpty()) {
        break;
      }
      below = issuer.get();
      path.add(below);
    }
    return path;
  }

  private static boolean issued(X509Certificate certificate, X509Certificate issuer) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static boolean isTrusted(X509Certificate last, List<X509Certificate> anchors) {
    return anchors.stream().anyMatch(anchor -> anchor.equals(last) || issued(last, anchor));
  }

  private static List<X509Certificate> anchors(List<X509Certificate> configured) {
    if (!configured.isEmpty()) {
      return configured;
    }
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          return Arrays.asList(x509.getAcceptedIssuers());
        }
      }
      return List.of();
    } catch (GeneralSecurityException e) {
      return List.of();
    }
  }

  /// Loads the system's trusted certificates, which takes a while the first time.
  static int warmUp() {
    return anchors(List.of()).size();
  }

  static List<String> namesOf(X509Certificate leaf) {
    var names = new ArrayList<String>();
    try {
      Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          int kind = (Integer) alternative.get(0);
          if ((kind == DNS_NAME || kind == IP_ADDRESS) && alternative.get(1) instanceof String n) {
            names.add(n.toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (CertificateParsingException e) {
      return List.of();
    }
    return names;
  }

  /// Whether a name of a certificate covers a host (RFC 6125 section 6.4.3): a wildcard stands for
  /// one whole label, the leftmost.
  static boolean matches(String name, String host) {
    String wanted = host.indexOf(':') >= 0 ? host : IDN.toASCII(host).toLowerCase(Locale.ROOT);
    if (name.equals(wanted)) {
      return true;
    }
    int dot = wanted.indexOf('.');
    return name.startsWith("*.") && dot > 0 && name.substring(1).equals(wanted.substring(dot));
  }
}
