package io.whygate.gateway.acme.client;

import io.whygate.gateway.acme.PendingChallenges;
import io.whygate.gateway.config.AcmeSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.exception.AcmeException;

/// The proofs of one order's names: all shown at the same time, and gone once this is closed.
final class Proofs implements AutoCloseable {
  private static final Set<Status> DECIDED =
      EnumSet.of(Status.VALID, Status.INVALID, Status.EXPIRED, Status.REVOKED, Status.DEACTIVATED);

  private final PendingChallenges pending;
  private final List<PendingChallenges.Removal> shown = new ArrayList<>();

  Proofs(PendingChallenges pending) {
    this.pending = pending;
  }

  /// Proves each name that is not proved yet. Blocks.
  ///
  /// @throws NotProvedException where the authority is not convinced, or offers another way alone
  void prove(List<Authorization> names, AcmeSettings.Challenge way, Instant end)
      throws AcmeException, InterruptedException, NotProvedException {
    List<Authorization> open = new ArrayList<>();
    List<Challenge> challenges = new ArrayList<>();
    for (Authorization each : names) {
      if (each.getStatus() == Status.PENDING) {
        Challenge challenge =
            each.<Challenge>findChallenge(way.label())
                .orElseThrow(() ->
                    new NotProvedException(way.label() + " is not offered for " + nameOf(each)));
        show(each, challenge);
        open.add(each);
        challenges.add(challenge);
      }
    }
    for (Challenge each : challenges) {
      each.trigger();
    }
    for (int i = 0; i < open.size(); i++) {
      Status status = Polling.await(open.get(i), DECIDED, end);
      if (status != Status.VALID) {
        throw new NotProvedException(failure(open.get(i), challenges.get(i), way, status));
      }
    }
  }

  private static String failure(
      Authorization name, Challenge challenge, AcmeSettings.Challenge way, Status status)
      throws AcmeException {
    challenge.fetch();
    String why =
        challenge
            .getError()
            .map(Failures::textOf)
            .orElse("the authority has not decided in time, it says " + status);
    return way.label() + " for " + nameOf(name) + ": " + why;
  }

  private void show(Authorization name, Challenge challenge) {
    switch (challenge) {
      case Http01Challenge http ->
          shown.add(pending.proveOverHttp(http.getToken(), http.getAuthorization()));
      case TlsAlpn01Challenge tls ->
          shown.add(
              pending.proveOverTls(
                  nameOf(name), SelfSigned.proof(nameOf(name), tls.getAcmeValidation())));
      default ->
          throw new IllegalStateException(
              "challenge: " + challenge.getType() + " (expected: known)");
    }
  }

  private static String nameOf(Authorization name) {
    return name.getIdentifier().getValue();
  }

  @Override
  public void close() {
    shown.forEach(PendingChallenges.Removal::close);
  }
}
