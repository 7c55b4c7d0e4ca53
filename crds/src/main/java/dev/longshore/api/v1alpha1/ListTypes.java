package dev.longshore.api.v1alpha1;

import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * Gives the lists of a type their {@code x-kubernetes-list-type}, for which the CRD generator has
 * no annotation. The input names each list once: {@code "hosts=set locations=atomic
 * upstreams=map:name endpoints=map:address,port"}.
 */
public final class ListTypes implements SchemaCustomizer.Customizer {
  @Override
  public JSONSchemaProps apply(
      JSONSchemaProps props, String input, KubernetesSerialization serialization) {
    for (String entry : input.split(" ", -1)) {
      String name = entry.substring(0, entry.indexOf('='));
      String type = entry.substring(entry.indexOf('=') + 1);
      JSONSchemaProps list = props.getProperties().get(name);
      if (list == null || list.getItems() == null) {
        throw new IllegalArgumentException("There is no list " + name + " for " + entry);
      }
      if (type.startsWith("map:")) {
        List<String> keys = List.of(type.substring("map:".length()).split(",", -1));
        // The API server takes only required properties (or such with a default) as keys.
        if (!list.getItems().getSchema().getRequired().containsAll(keys)) {
          throw new IllegalArgumentException("Keys that are not @Required: " + entry);
        }
        list.setXKubernetesListType("map");
        list.setXKubernetesListMapKeys(keys);
      } else if (type.equals("set") || type.equals("atomic")) {
        list.setXKubernetesListType(type);
      } else {
        throw new IllegalArgumentException("Neither map:KEYS nor set nor atomic: " + entry);
      }
    }
    return props;
  }
}
