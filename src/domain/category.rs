//! The one category tree of places and events, each node mapped to schema.org, OSM and INVTUR.

use std::collections::HashMap;

use super::language::LanguageTag;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Slug, the key used everywhere.
    pub slug: Box<str>,
    /// Position of the parent in the tree; absent for a root.
    pub parent: Option<CategoryKey>,
    /// schema.org type.
    pub schema_org_type: Box<str>,
    /// OSM tags, `key=value`.
    pub osm_tags: Vec<Box<str>>,
    /// INVTUR code; absent when not surely known.
    pub invtur_code: Option<Box<str>>,
    /// Names by language.
    pub names: Vec<(LanguageTag, Box<str>)>,
}

/// Where a category stands in its tree: parents before children, siblings in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CategoryKey(pub u16);

/// The tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoryTree {
    nodes: Vec<Category>,
    keys: HashMap<Box<str>, CategoryKey>,
    /// For each node the set of itself and its ancestors, so that a filter is one look-up.
    lineage: Vec<Vec<CategoryKey>>,
}

/// A node as stored: its parent by slug.
#[derive(Clone, Debug)]
pub struct CategoryRecord {
    /// Slug.
    pub slug: Box<str>,
    /// Slug of the parent.
    pub parent_slug: Option<Box<str>>,
    /// Order among siblings.
    pub position: i32,
    /// schema.org type.
    pub schema_org_type: Box<str>,
    /// OSM tags.
    pub osm_tags: Vec<Box<str>>,
    /// INVTUR code.
    pub invtur_code: Option<Box<str>>,
    /// Names by language.
    pub names: Vec<(LanguageTag, Box<str>)>,
}

impl CategoryTree {
    /// Orders the records into a tree, depth first. A record whose parent does not exist, or that is its own ancestor,
    /// is left out and its slug returned: nothing can refer to it.
    pub fn build(mut records: Vec<CategoryRecord>) -> (Self, Vec<Box<str>>) {
        records.sort_by(|one, other| (one.position, &one.slug).cmp(&(other.position, &other.slug)));
        let mut children: HashMap<Option<Box<str>>, Vec<CategoryRecord>> = HashMap::new();
        for record in records {
            children.entry(record.parent_slug.clone()).or_default().push(record);
        }
        let mut tree = Self::default();
        tree.add_children(None, None, &mut children);
        let orphans = children.into_values().flatten().map(|record| record.slug).collect();
        (tree, orphans)
    }

    fn add_children(
        &mut self,
        parent: Option<CategoryKey>,
        slug: Option<&str>,
        children: &mut HashMap<Option<Box<str>>, Vec<CategoryRecord>>,
    ) {
        for record in children.remove(&slug.map(Into::into)).unwrap_or_default() {
            let key = CategoryKey(self.nodes.len() as u16);
            let mut lineage = parent.map(|parent| self.lineage(parent).to_vec()).unwrap_or_default();
            lineage.push(key);
            self.lineage.push(lineage);
            self.keys.insert(record.slug.clone(), key);
            let child_slug = record.slug.clone();
            self.nodes.push(Category {
                slug: record.slug,
                parent,
                schema_org_type: record.schema_org_type,
                osm_tags: record.osm_tags,
                invtur_code: record.invtur_code,
                names: record.names,
            });
            self.add_children(Some(key), Some(&child_slug), children);
        }
    }

    /// The node with this slug.
    pub fn find(&self, slug: &str) -> Option<CategoryKey> {
        self.keys.get(slug).copied()
    }

    /// The node; `None` for a key of another tree.
    pub fn get(&self, key: CategoryKey) -> Option<&Category> {
        self.nodes.get(key.0 as usize)
    }

    /// The node and its ancestors, root first.
    pub fn lineage(&self, key: CategoryKey) -> &[CategoryKey] {
        self.lineage.get(key.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether `key` is `ancestor` or stands below it.
    pub fn is_within(&self, key: CategoryKey, ancestor: CategoryKey) -> bool {
        self.lineage(key).contains(&ancestor)
    }

    /// All nodes, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = (CategoryKey, &Category)> {
        self.nodes.iter().enumerate().map(|(index, node)| (CategoryKey(index as u16), node))
    }
}
