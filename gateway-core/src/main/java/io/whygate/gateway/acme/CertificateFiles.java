package io.whygate.gateway.acme;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.whygate.diagnostics.store.KeptFile;
import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AcmeSettings.Wanted;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is kept of one authority on disk: the account, and each certificate with its key in one
/// file, so that they are replaced together. Nobody but the gateway's user may read it. Blocks.
public final class CertificateFiles {
  private static final int MOST = 256 * 1024;

  private final Path folder;
  private final Path certificates;

  CertificateFiles(AcmeSettings settings) {
    folder = settings.storage().resolve(folderOf(settings.directory()));
    certificates = folder.resolve("certificates");
  }

  /// A folder for each authority: its host, port and path, as a name.
  private static String folderOf(URI directory) {
    String place =
        directory.getHost()
            + (directory.getPort() < 0 ? "" : "-" + directory.getPort())
            + directory.getPath();
    return place.replaceAll("[^A-Za-z0-9.-]+", "-").replaceAll("-+$", "");
  }

  /// Makes the folders where they are not there.
  ///
  /// @throws IOException where they cannot be made or written to
  void open() throws IOException {
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(certificates, owner);
    if (!Files.isWritable(certificates)) {
      throw new IOException(certificates + " may not be written by this user");
    }
  }

  /// What was kept of the account; empty where there is none.
  public Optional<String> account() {
    return accountFile().read();
  }

  /// Keeps the account.
  public void keepAccount(String text) throws IOException {
    open();
    accountFile().write(text);
  }

  private KeptFile accountFile() {
    return new KeptFile(folder.resolve("account.pem"), "whygate-acme-account 1", MOST);
  }

  private KeptFile fileOf(Wanted wanted) {
    return new KeptFile(
        certificates.resolve(wanted.name() + ".pem"), "whygate-certificate 1", MOST);
  }

  /// The certificate that was kept under the name; empty where there is none that can be used.
  Optional<KeyPair> read(Wanted wanted) {
    KeptFile file = fileOf(wanted);
    return file.read()
        .flatMap(text -> {
          try {
            return Optional.of(pairOf(text));
          } catch (GeneralSecurityException | IllegalArgumentException e) {
            file.unusable(String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  /// Keeps a certificate in place of the one before.
  void keep(Wanted wanted, KeyPair pair) throws IOException {
    open();
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate each : pair.chain()) {
        text.append(Pem.of(each).text());
      }
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificate has no encoding", e);
    }
    text.append(Pem.of(pair.key()).text());
    fileOf(wanted).write(text.toString());
  }

  private static KeyPair pairOf(String text) throws GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    byte[] key = new byte[0];
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    for (Pem block : Pem.blocks(text.getBytes(US_ASCII))) {
      if (block.label().equals("CERTIFICATE")) {
        chain.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
      } else {
        key = block.der();
      }
    }
    if (chain.isEmpty() || key.length == 0) {
      throw new IllegalArgumentException("a certificate and its key are not both there");
    }
    KeyFactory keys = KeyFactory.getInstance(chain.getFirst().getPublicKey().getAlgorithm());
    return new KeyPair(chain, keys.generatePrivate(new PKCS8EncodedKeySpec(key)));
  }
}
