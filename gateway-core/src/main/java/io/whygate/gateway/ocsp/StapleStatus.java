package io.whygate.gateway.ocsp;

import java.time.Instant;
import java.util.Optional;

/// How it stands with the staple of a certificate.
///
/// @param mustStaple whether clients refuse the certificate without one (RFC 7633)
/// @param responder its address; empty where the certificate names none
/// @param thisUpdate when the responder knew what the newest verified answer says
/// @param nextUpdate until when that may be used
/// @param next when it is asked again; empty while that is under way, and where it is not asked
/// @param failures since it last worked
/// @param why what was said of a certificate that is revoked, else the last failure; empty for none
public record StapleStatus(
    State state,
    boolean mustStaple,
    Optional<String> responder,
    Optional<Instant> thisUpdate,
    Optional<Instant> nextUpdate,
    Optional<Instant> next,
    int failures,
    Optional<String> why) {

  /// What clients get.
  public enum State {
    /// A proof that the certificate is good.
    STAPLED("stapled"),
    /// None so far: the responder is being asked for the first time.
    WAITING("waiting"),
    /// None: there is no answer that can be used.
    FAILED("failed"),
    /// None: the authority has revoked the certificate.
    REVOKED("revoked"),
    /// None, though clients want one: the certificate names no responder that is asked over HTTP,
    /// or the settings say so.
    OFF("off");

    private final String label;

    State(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /// When what clients get runs out; long over where they get nothing.
  public Instant stapledUntil() {
    return state == State.STAPLED ? nextUpdate.orElse(Instant.EPOCH) : Instant.EPOCH;
  }
}
