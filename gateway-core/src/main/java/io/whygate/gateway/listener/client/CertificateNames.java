package io.whygate.gateway.listener.client;

import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// Which certificate serves which name that a client asks for: one that has it, exactly or by a
/// wildcard, else the first.
public final class CertificateNames {
  private static final int DNS_NAME = 2;

  private CertificateNames() {}

  /// What serves which name, where the certificates with a key of one kind go first.
  public static <T> Mapping<String, T> mapping(Map<KeyPair, T> contexts, boolean curvesFirst) {
    List<KeyPair> ordered =
        contexts.keySet().stream()
            .sorted(Comparator.comparing((KeyPair each) -> isOnCurve(each) != curvesFirst))
            .toList();
    KeyPair first = contexts.keySet().iterator().next();
    List<String> itsNames = namesOf(first.chain().getFirst());
    KeyPair standard =
        ordered.stream()
            .filter(each ->
                each.equals(first) || namesOf(each.chain().getFirst()).containsAll(itsNames))
            .findFirst()
            .orElse(first);
    DomainWildcardMappingBuilder<T> names =
        new DomainWildcardMappingBuilder<>(of(contexts, standard));
    for (KeyPair each : ordered.reversed()) {
      T context = of(contexts, each);
      namesOf(each.chain().getFirst()).forEach(name -> names.add(name, context));
    }
    return names.build();
  }

  private static <T> T of(Map<KeyPair, T> contexts, KeyPair pair) {
    T found = contexts.get(pair);
    return Objects.requireNonNull(found);
  }

  private static boolean isOnCurve(KeyPair pair) {
    return pair.key().getAlgorithm().equals("EC");
  }

  private static List<String> namesOf(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return List.of();
      }
      return names.stream()
          .filter(each -> each.getFirst() instanceof Integer kind && kind == DNS_NAME)
          .map(each -> String.valueOf(each.get(1)).toLowerCase(Locale.ROOT))
          .distinct()
          .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
