package io.whygate.gateway.ocsp;

import io.whygate.diagnostics.store.KeptFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers on disk, one file for each certificate, so that a gateway that is started again while a
/// responder is down still has them. What is read is verified anew by whoever reads. Blocks.
final class StapleFiles {
  private static final Logger LOG = LoggerFactory.getLogger(StapleFiles.class);
  private static final String ENDING = ".ocsp";
  private static final int MOST = 128 * 1024;

  private final Path folder;

  StapleFiles(Path folder) {
    this.folder = folder;
  }

  private KeptFile fileOf(X509Certificate certificate) {
    return new KeptFile(folder.resolve(nameOf(certificate)), "whygate-ocsp 1", MOST);
  }

  private static String nameOf(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(digest, 0, 16) + ENDING;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate without an encoding", e);
    }
  }

  /// What was kept; empty where there is nothing that can be read.
  Optional<byte[]> read(X509Certificate certificate) {
    KeptFile file = fileOf(certificate);
    return file.read()
        .flatMap(text -> {
          try {
            return Optional.of(Base64.getMimeDecoder().decode(text));
          } catch (IllegalArgumentException e) {
            file.unusable(String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  /// @throws IOException where it cannot be written
  void keep(X509Certificate certificate, byte[] response) throws IOException {
    Files.createDirectories(folder);
    fileOf(certificate).write(Base64.getMimeEncoder().encodeToString(response) + "\n");
  }

  /// Deletes what was kept of other certificates.
  void forgetAllBut(Collection<X509Certificate> certificates) {
    Set<String> names = certificates.stream().map(StapleFiles::nameOf).collect(Collectors.toSet());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + ENDING)) {
      for (Path each : files) {
        if (!names.contains(String.valueOf(each.getFileName()))) {
          Files.deleteIfExists(each);
        }
      }
    } catch (NoSuchFileException _) {
      // Nothing was kept yet.
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn("{} cannot be tidied: {}", folder, e.toString());
    }
  }
}
