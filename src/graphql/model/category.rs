//! Categories.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::text::LocalizedText;
use crate::domain::category::{self, CategoryKey, CategoryTree};
use crate::domain::text::{Localized, Preferences};
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::node::GlobalId;
use crate::graphql::scalars::Language;

/// A node of the one category tree of places and events.
#[derive(Clone)]
pub struct Category {
    tree: Arc<CategoryTree>,
    key: CategoryKey,
}

impl Category {
    /// The node of the tree.
    pub const fn new(tree: Arc<CategoryTree>, key: CategoryKey) -> Self {
        Self { tree, key }
    }

    /// Its node in the tree.
    pub fn node(&self) -> Option<&category::Category> {
        self.tree.get(self.key)
    }

    /// Its slug.
    pub fn slug_text(&self) -> &str {
        self.node().map_or("", |node| &node.slug)
    }

    /// Its global id.
    pub fn global_id(&self) -> GlobalId {
        GlobalId::Category(self.slug_text().to_owned())
    }

    /// Its name in the reader's language.
    pub fn localized_name(&self, preferences: &Preferences) -> Option<Localized<'_>> {
        let names = self.node()?.names.iter().map(|(tag, name)| (tag, &**name));
        let (language, origin, value) = preferences.choose(&names)?;
        Some(Localized { value, language, origin, state: None })
    }
}

/// A node of the one category tree of places and events.
#[Object]
impl Category {
    /// Opaque global id.
    pub async fn id(&self) -> ID {
        self.global_id().encode()
    }

    /// Slug, the key used in filters.
    async fn slug(&self) -> &str {
        self.slug_text()
    }

    /// Name.
    async fn name(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        self.localized_name(&context::languages(context, language)).map(Into::into)
    }

    /// The node above; null for a root.
    async fn parent(&self) -> Option<Category> {
        Some(Self::new(Arc::clone(&self.tree), self.node()?.parent?))
    }

    /// The nodes below, in their order.
    #[graphql(directive = Cost::apply(5), directive = List::apply(10))]
    async fn children(&self) -> Vec<Category> {
        let children = self.tree.iter().filter(|(_, node)| node.parent == Some(self.key));
        children.map(|(key, _)| Self::new(Arc::clone(&self.tree), key)).collect()
    }

    /// schema.org type.
    async fn schema_org_type(&self) -> &str {
        self.node().map_or("", |node| &node.schema_org_type)
    }

    /// OSM tags, `key=value`, any of which suggests the category.
    #[graphql(directive = List::apply(3))]
    async fn osm_tags(&self) -> Vec<&str> {
        self.node().map_or_else(Vec::new, |node| node.osm_tags.iter().map(|tag| &**tag).collect())
    }

    /// Code in the Brazilian inventory of tourism supply (INVTUR); null when not surely known.
    async fn invtur_code(&self) -> Option<&str> {
        self.node().and_then(|node| node.invtur_code.as_deref())
    }
}
