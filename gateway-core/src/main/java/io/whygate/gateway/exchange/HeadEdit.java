package io.whygate.gateway.exchange;

/// What is changed in the head of an upstream's answer as it is passed on.
///
/// @param fields whole field lines to add, each ending in CRLF; may be empty
/// @param isExplained whether they explain the answer, in place of what another gateway said
/// @param isRecoded whether its content is encoded on the way: its length is not known beforehand,
///   and fields that speak of the content's bytes do not hold
public record HeadEdit(String fields, boolean isExplained, boolean isRecoded) {
  public static final HeadEdit NONE = new HeadEdit("", false, false);

  static HeadEdit explaining(String fields) {
    return new HeadEdit(fields, true, false);
  }

  HeadEdit and(String more, boolean recoded) {
    return new HeadEdit(fields + more, isExplained, recoded);
  }
}
