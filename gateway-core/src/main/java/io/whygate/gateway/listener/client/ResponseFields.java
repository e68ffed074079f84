package io.whygate.gateway.listener.client;

import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.ResponseHead;
import java.nio.charset.StandardCharsets;

/// Which fields of an upstream's answer reach the client: those that belong to one hop do not (RFC
/// 9110 section 7.6.1).
public final class ResponseFields {
  private static final byte[] CAUSE = "whygate-cause".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INCIDENT = "whygate-incident".getBytes(StandardCharsets.US_ASCII);

  private ResponseFields() {}

  /// Whether a field is a gateway's explanation, which this one replaces by its own.
  public static boolean isExplanation(FieldSection fields, int field) {
    byte[] bytes = fields.bytes();
    int start = fields.nameStart(field);
    int end = fields.nameEnd(field);
    return Grammar.equalsIgnoreCase(bytes, start, end, CAUSE)
        || Grammar.equalsIgnoreCase(bytes, start, end, INCIDENT);
  }

  /// Whether a field passes on.
  ///
  /// @param nominations what [ResponseHead#hasNominations] says
  /// @param open whether the content's length is not known beforehand
  public static boolean passes(ResponseHead head, int field, boolean nominations, boolean open) {
    FieldName known = head.fields().known(field);
    if (known == null) {
      return !nominations || !head.isNominated(field);
    }
    return switch (known) {
      case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING -> false;
      case UPGRADE -> head.status() == 101 || head.status() == 426;
      case CONTENT_LENGTH -> head.status() != 204 && !head.isInformational() && !open;
      case TRAILER -> open;
      default -> !nominations || !head.isNominated(field);
    };
  }
}
