package dev.longshore.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.longshore.contract.policy.Policy;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The canonical form of an entry, which its hash is taken of: its kind, a line feed, and its
 * compact JSON in ASCII with the fields in the order of the record. Strings are quoted and escaped
 * and absent values left out, so two different entries never have one form. A private key is part
 * of it (a changed key is a change), so the form itself is never kept or shown.
 */
final class Canonical {
  private static final ObjectWriter WRITER = SnapshotJson.full();

  private Canonical() {}

  static EntryHash hash(LocationRule rule) {
    return hash("rule", rule);
  }

  static EntryHash hash(UpstreamPool pool) {
    return hash("pool", pool);
  }

  static EntryHash hash(EndpointSet endpointSet) {
    return hash("endpointSet", endpointSet);
  }

  static EntryHash hash(Certificate certificate) {
    return hash("certificate", certificate);
  }

  static EntryHash hash(Policy policy) {
    return hash("policy", policy);
  }

  static EntryHash hash(UpstreamCredentials credentials) {
    return hash("credentials", credentials);
  }

  static EntryHash hash(Listener listener) {
    return hash("listener", listener);
  }

  static EntryHash hash(Settings settings) {
    return hash("settings", settings);
  }

  /** Only for tests of the form; may hold a private key. */
  static byte[] form(String kind, Object entry) {
    try {
      byte[] json = WRITER.writeValueAsBytes(entry);
      byte[] prefix = (kind + "\n").getBytes(StandardCharsets.US_ASCII);
      byte[] form = new byte[prefix.length + json.length];
      System.arraycopy(prefix, 0, form, 0, prefix.length);
      System.arraycopy(json, 0, form, prefix.length, json.length);
      return form;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a " + kind + " has no canonical form", e);
    }
  }

  private static EntryHash hash(String kind, Object entry) {
    try {
      return EntryHash.of(MessageDigest.getInstance("SHA-256").digest(form(kind, entry)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
