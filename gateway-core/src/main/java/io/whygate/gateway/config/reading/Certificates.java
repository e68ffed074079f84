package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.Pem;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Reads certificates and keys from PEM files, and whether they belong together.
final class Certificates {
  private static final String CHAIN = "a PEM file with certificates, the server's own first";
  private static final String KEY = "a PEM file with a private key: PKCS#8, PKCS#1 or SEC 1";

  private static final int TICKET_KEY_SIZE = 48;
  private static final String TICKET_KEY =
      "a file of 48 random bytes, as written by: openssl rand -out FILE 48";

  private final SourceFiles files;

  Certificates(SourceFiles files) {
    this.files = files;
  }

  /// A chain with its key; nothing, and a problem, where one of them cannot be used.
  Optional<KeyPair> keyPair(Setting certificate, Setting key) {
    List<X509Certificate> chain = chain(certificate);
    Optional<PrivateKey> privateKey = key(key);
    if (chain.isEmpty() || privateKey.isEmpty()) {
      return Optional.empty();
    }
    if (PrivateKeys.fits(privateKey.get(), chain.getFirst().getPublicKey())) {
      warnOfDates(certificate, chain.getFirst());
      return Optional.of(new KeyPair(chain, privateKey.get()));
    }
    for (int i = 1; i < chain.size(); i++) {
      if (PrivateKeys.fits(privateKey.get(), chain.get(i).getPublicKey())) {
        certificate.reject(
            certificate.found() + " has the certificate of the key at place " + (i + 1), CHAIN);
        return Optional.empty();
      }
    }
    key.reject(
        key.found() + " does not belong to the certificate",
        "the private key of " + chain.getFirst().getSubjectX500Principal().getName());
    return Optional.empty();
  }

  private static void warnOfDates(Setting setting, X509Certificate certificate) {
    Instant now = Instant.now();
    String found = setting.found() + " is valid from " + certificate.getNotBefore().toInstant();
    if (now.isAfter(certificate.getNotAfter().toInstant())
        || now.isBefore(certificate.getNotBefore().toInstant())) {
      setting.warn(
          found + " to " + certificate.getNotAfter().toInstant(),
          "a certificate that is valid today");
    }
  }

  /// The certificates of a file in its order; none, and a problem, where there are none.
  List<X509Certificate> chain(Setting setting) {
    Optional<byte[]> file = files.read(setting, CHAIN);
    if (file.isEmpty()) {
      return List.of();
    }
    List<X509Certificate> chain = new ArrayList<>();
    for (Pem block : Pem.blocks(file.get())) {
      if (!block.label().endsWith("CERTIFICATE")) {
        continue;
      }
      try {
        chain.add(parse(block.der()));
      } catch (CertificateException _) {
        setting.reject(setting.found() + " has a certificate that cannot be read", CHAIN);
        return List.of();
      }
    }
    if (chain.isEmpty()) {
      setting.reject(setting.found() + " has no certificate", CHAIN);
    }
    return chain;
  }

  /// The certificates of all files that a setting names, one or a list.
  List<X509Certificate> chains(Setting setting) {
    return setting.elementsOrOne("PEM files").stream()
        .flatMap(each -> chain(each).stream())
        .toList();
  }

  /// A key of session tickets, in hexadecimal; nothing, and a problem, where it cannot be used.
  Optional<String> ticketKey(Setting setting) {
    Optional<byte[]> file = files.read(setting, TICKET_KEY);
    if (file.isPresent() && file.get().length != TICKET_KEY_SIZE) {
      setting.reject(setting.found() + " has " + file.get().length + " bytes", TICKET_KEY);
      return Optional.empty();
    }
    return file.map(HexFormat.of()::formatHex);
  }

  private static X509Certificate parse(byte[] der) throws CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
  }

  private Optional<PrivateKey> key(Setting setting) {
    Optional<byte[]> file = files.read(setting, KEY);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    byte[] parameters = new byte[0];
    for (Pem block : Pem.blocks(file.get())) {
      if (block.label().equals("EC PARAMETERS")) {
        parameters = block.der();
      }
      if (PrivateKeys.isKey(block)) {
        return key(setting, block, parameters);
      }
    }
    setting.reject(setting.found() + " has no private key", KEY);
    return Optional.empty();
  }

  private static Optional<PrivateKey> key(Setting setting, Pem block, byte[] parameters) {
    if (block.encrypted()) {
      setting.reject(
          setting.found() + " is protected by a password",
          "a key without one, as written by: openssl pkey -in FILE -out PLAIN");
      return Optional.empty();
    }
    try {
      return Optional.of(PrivateKeys.read(block, parameters));
    } catch (GeneralSecurityException failure) {
      setting.reject(
          setting.found() + " has a key that cannot be read: " + failure.getMessage(), KEY);
      return Optional.empty();
    }
  }
}
